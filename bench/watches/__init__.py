"""What watches cost: looks measures a look of many watches at what was indexed since the last one."""
