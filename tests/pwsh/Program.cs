using Microsoft.PowerShell;

// The same door that the pwsh program of a release has.
return UnmanagedPSEntry.Start(args, args.Length);
