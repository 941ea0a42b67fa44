// Calls
