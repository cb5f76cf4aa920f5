"""Reports as pages: HTML that stands by itself, and data for Typst; pure."""
