"""What the business decides, told as given, when, then; nothing here touches the outside world."""
