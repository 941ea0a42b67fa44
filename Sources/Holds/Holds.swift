// Holds
