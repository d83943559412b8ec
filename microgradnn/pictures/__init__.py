"""What a picture is (boxes, arrows, frames), how it looks, and its writers: one file a format."""
