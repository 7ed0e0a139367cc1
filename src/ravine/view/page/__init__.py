"""The page: one HTML file that shows a result, alive, without a network.

From top to bottom: `document` writes the file; `nouns` knows which result becomes which content; `runs` and `fits` make
the content of a page; `figures` turns scenes into what Plotly draws in a browser; `programs` carries a formula there;
`wording` has the page's own words in two languages; `packing` turns arrays into text.
"""
