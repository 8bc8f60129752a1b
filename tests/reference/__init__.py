"""The executable specification: slow, plain versions of what the package does.

Written from the rules of the reference implementations, one image and one box at a
time, and sharing no code with ``atss_inspect``. Where the package and this folder
disagree, one of them is wrong.
"""
