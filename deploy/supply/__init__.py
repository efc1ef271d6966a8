"""What the image is put together from, shown: libraries, their licences and known flaws."""
