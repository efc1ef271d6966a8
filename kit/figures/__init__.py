"""Figures as SVG, drawn here: nothing is loaded, nothing runs, and a label of any length has its room.

Pure. A figure is made from the answer that its table is made from, so that the two cannot differ.
"""
