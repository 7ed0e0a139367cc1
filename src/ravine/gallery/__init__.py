"""The gallery: all lessons as one site that opens from a folder, without a network, in English and Chinese.

From top to bottom: `site` tells the lessons and writes the files; `pages` makes a page of a story; `blocks` turns its
blocks into HTML; `figures` turns pictures into what Plotly draws in a browser; `walks` knows which descent of a lesson
can be followed step by step; `mathematics` typesets formulas in prose; `wording` has the site's own words.
"""
