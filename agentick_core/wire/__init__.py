"""The one place that turns our types into JSON and back."""
