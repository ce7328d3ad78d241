"""A shop's mails: a team of models sorts and answers them, and code and people decide about the money."""
