"""What is there? Districts, cabinets, buses, devices, circuits, luminaires: reading and checking a site folder."""
