"""Tests of mall_h5/seller."""
