"""What the world is to be told: events written in the transaction of what they tell, delivered afterwards."""

from geo_engine.outbox.model import OutboxEvent

__all__ = ["OutboxEvent"]
