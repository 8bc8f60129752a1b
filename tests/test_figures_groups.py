"""Groups of objects: shares, quartiles, levels."""
