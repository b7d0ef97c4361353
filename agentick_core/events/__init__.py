"""What happens: one frozen class per stream event, and the buffer that readers share."""
