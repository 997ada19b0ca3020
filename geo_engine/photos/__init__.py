"""Photos as evidence: taken in, kept by what they hold, compared with each other, shown with a stamp."""

from geo_engine.photos.model import Photo, PictureEvidence, PictureKind, Reuse, ReuseKind, TakenCertainty

__all__ = ["Photo", "PictureEvidence", "PictureKind", "Reuse", "ReuseKind", "TakenCertainty"]
