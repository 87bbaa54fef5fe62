"""Gaoxin: the cited knowledge base of China's national high-tech zones."""

__version__ = "0.1.0"
