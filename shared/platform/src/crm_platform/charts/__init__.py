"""Charts as SVG, made of text, and as PNG.

- :mod:`.lines`: curves over time or numbers
- :mod:`.bars`: histograms and ranked bars
- :mod:`.grid`: heat maps
- :mod:`.gantt`: bars over time in rows, with arrows
- :mod:`.png`: any SVG as a picture
- :mod:`.markup`, :mod:`.scales`, :mod:`.frame`: what these are made of

Everything here is pure but :mod:`.png`, which needs the extra ``charts`` of crm-platform.
"""
