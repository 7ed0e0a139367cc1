"""Diagnosing: what went wrong on the way down, and why.

`ravine.diagnosis` holds the cheap notes that every descent makes of its own record; here gradients and Hessians are
evaluated at the recorded points. Import `diagnose` from `ravine`.
"""
