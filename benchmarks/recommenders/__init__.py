"""Quality of recommendations on public data, duckmark beside other libraries, all tuned and measured alike."""
