"""Measurements as ratios against a reference in the same run: figures of one machine mean nothing on another."""
