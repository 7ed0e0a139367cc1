"""The playground: a page on this machine where formulas, data, starts and optimizers are tried with the pointer.

`state` is what one sees; everything else is computed from it, anew for every request: the server keeps nothing that
belongs to a page.
"""
