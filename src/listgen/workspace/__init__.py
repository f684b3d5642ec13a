"""What a person does with a whole workspace: read it, plan, examine, add a source, upgrade, sum up a build.

Each module is one command's work without its words and options, so that flows and other programs can call it.
"""
