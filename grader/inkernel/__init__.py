"""What runs inside the kernel; imports nothing of ours but itself."""
