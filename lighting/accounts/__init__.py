"""What the store holds, turned into accounts: the energies of all worlds of each local day."""
