"""What to see: scenes (plain data), the plots that make them, the drawers that ink them."""
