"""Tests of mall_h5/trade."""
