"""Video files in and out: upright RGB pictures with exact times, H.264 with the sound kept."""
