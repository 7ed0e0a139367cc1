"""The page: one HTML file that shows a result, alive, without a network.

From top to bottom: `inline` puts the page into a notebook; `document` writes the file; `nouns` knows which result
becomes which content; `runs`, `fits`, `races`, `maps` and `sweeps` make the content of a page; `figures` turns scenes
into what Plotly draws in a browser; `updates` lets it take each step apart; `programs` carries a formula there;
`tables` and `wording` have the page's cells and words in two languages; `packing` turns arrays into text.
"""
