"""The IoU-threshold rule of RetinaNet and RPN: one IoU bar for all objects."""
