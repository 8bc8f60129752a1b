"""FCOS: anchor points inside the box, by scale range and area."""
