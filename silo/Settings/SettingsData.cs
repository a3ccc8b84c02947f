namespace Orchestrator.Silo.Settings;

/// <summary>The data directory in force, full path.</summary>
internal sealed record SettingsData(string Directory);
