"""The bot as a model: an OpenAI-compatible interface for programs that hold an API key. docs/openai-api.md is for them.

views (check, call, respond) → reading (body → call, pure) → asking (one turn in a conversation of its own) → shapes (answer → reply, pure)
"""
