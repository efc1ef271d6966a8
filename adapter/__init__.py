"""What joins a city's 12345 platform to the gateway, as any other system is joined: through the gateway's HTTP alone."""
