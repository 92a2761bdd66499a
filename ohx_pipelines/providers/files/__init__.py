"""Files that an app exports, for every vendor without a cloud: what their rooms share.

Belongs here: bytes to rows, numbers, dates and local times, decided once per file; what a file is read
for; a file as a Provider. Not here: any app's sections, headers or words (its room).
"""
