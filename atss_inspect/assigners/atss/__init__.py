"""ATSS: a threshold per object, from the IoUs of its nearest anchors."""
