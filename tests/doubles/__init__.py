"""Stand-ins for providers nobody can reach from a test.

Real servers on loopback that behave as the provider does.

They share no code with the connectors, so a misunderstanding on one side shows up as a failing test.
"""
