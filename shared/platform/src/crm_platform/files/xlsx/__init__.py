"""XLSX (ECMA-376, SpreadsheetML): a package of XML parts in a ZIP file, read and written as a stream."""
