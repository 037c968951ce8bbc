"""Copies that do not tell where a picture was taken: a limited child finds what to leave out; nothing is
drawn again.
"""
