"""Pages for people: a client of the gateway that knows who signs in, and shows what the services answer to them."""
