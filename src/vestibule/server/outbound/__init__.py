"""Asking addresses that customers give, such as webhook endpoints: as if each of them were an attack."""
