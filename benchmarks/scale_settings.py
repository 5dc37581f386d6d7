"""The product's settings for a benchmark's own folder: the model comes from where it was exported before, so that this is not measured."""

from config.settings import *  # noqa: F403
from config.settings import BASE_DIR

MODELS_DIR = BASE_DIR / "var" / "models"
