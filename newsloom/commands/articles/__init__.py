"""What people ask about articles and stories: found, shown, and traced on their way."""
