using System.Text.Json;
using Orchestrator.Decisions.Settings;

namespace Orchestrator.Silo.Settings;

/// <summary>
/// Puts the layers on top of each other: <c>appsettings.json</c> beside the program, then in the data directory, then the
/// data directory's <c>.env</c>, the environment, the command line. Within a layer a predecessor's name yields to the new key.
/// The working directory is not looked at: it may be a repository whose author must not choose what runs here.
/// </summary>
internal static class SettingsHosting
{
    private const long FileBytesMax = 1024 * 1024;

    /// <summary>The data directory: command line, else environment, else the default.</summary>
    public static string DataDirectory(string[] args)
    {
        var line = new ConfigurationBuilder().AddCommandLine(args).Build();
        var root = line["data"] ?? line["ORCHESTRATOR_DATA"];
        root = root is { Length: > 0 }
            ? root
            : Environment.GetEnvironmentVariable("ORCHESTRATOR_DATA");
        return root is { Length: > 0 }
            ? root
            : Path.Combine(
                Environment.GetFolderPath(
                    Environment.SpecialFolder.LocalApplicationData,
                    Environment.SpecialFolderOption.Create
                ),
                "Orchestrator"
            );
    }

    /// <summary>Adds every layer and checks the whole.</summary>
    /// <exception cref="SiloStartException">Something is unknown, refused or out of range; the message lists all of it.</exception>
    public static void AddLayers(ConfigurationManager configuration, string data, string[] args)
    {
        var problems = new List<string>();
        AddFile(configuration, Path.Combine(data, "appsettings.json"), problems);
        var file = EnvFile(Path.Combine(data, EnvText.FileName), problems);
        AddVariables(configuration, file, problems);
        var environment = Environment
            .GetEnvironmentVariables()
            .Cast<System.Collections.DictionaryEntry>()
            .Select(e => KeyValuePair.Create((string)e.Key, (string?)e.Value));
        AddTranslated(configuration, environment, problems);
        configuration.AddEnvironmentVariables();
        AddArguments(configuration, args, problems);
        problems.AddRange(SettingsCheck.Check(configuration));
        if (problems.Count > 0)
        {
            throw new SiloStartException(
                $"{problems.Count} of the settings cannot be used; nothing was started.\n"
                    + string.Join('\n', problems.Distinct().Select(p => "  - " + p))
            );
        }
        // The agent's own variables of the file count as if they were the silo's.
        foreach (var name in (string[])["ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL"])
        {
            if (
                file.TryGetValue(name, out var value)
                && string.IsNullOrEmpty(Environment.GetEnvironmentVariable(name))
            )
            {
                Environment.SetEnvironmentVariable(name, value);
            }
        }
    }

    private static void AddArguments(
        ConfigurationManager configuration,
        string[] args,
        List<string> problems
    )
    {
        var line = new ConfigurationBuilder().AddCommandLine(args).Build();
        var values = line.AsEnumerable().Where(e => e.Value is not null).ToList();
        problems.AddRange(
            SettingsCheck.Unknown(
                values.Select(v => v.Key),
                PredecessorSettings.Names,
                "the command line"
            )
        );
        problems.AddRange(
            args.Where(a => a.StartsWith("--", StringComparison.Ordinal))
                .Select(a => a[2..].Split('=')[0])
                .Where(k => line[k] is null)
                .Select(k => $"--{k} on the command line has no value. Write --{k} VALUE.")
        );
        AddTranslated(configuration, values, problems);
        configuration.AddCommandLine(args);
    }

    private static void AddVariables(
        ConfigurationManager configuration,
        IReadOnlyDictionary<string, string> file,
        List<string> problems
    )
    {
        var keys = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in file)
        {
            keys[name.Replace("__", ":", StringComparison.Ordinal)] = value;
        }
        problems.AddRange(
            SettingsCheck.Unknown(keys.Keys, PredecessorSettings.Names, EnvText.FileName)
        );
        AddTranslated(configuration, keys, problems);
        configuration.AddInMemoryCollection(keys);
    }

    private static void AddTranslated(
        ConfigurationManager configuration,
        IEnumerable<KeyValuePair<string, string?>> variables,
        List<string> problems
    )
    {
        var (settings, refused) = PredecessorSettings.Translate(variables);
        problems.AddRange(refused);
        configuration.AddInMemoryCollection(
            settings.Select(s => KeyValuePair.Create(s.Key, (string?)s.Value))
        );
    }

    private static void AddFile(
        ConfigurationManager configuration,
        string path,
        List<string> problems
    )
    {
        try
        {
            if (!File.Exists(path))
            {
                return;
            }
            var own = new ConfigurationBuilder().AddJsonFile(path).Build();
            problems.AddRange(
                SettingsCheck.Unknown(
                    own.AsEnumerable().Where(e => e.Value is not null).Select(e => e.Key),
                    [],
                    path
                )
            );
            configuration.AddConfiguration(own);
        }
        catch (Exception e)
            when (e
                    is JsonException
                        or IOException
                        or UnauthorizedAccessException
                        or InvalidDataException
                        or FormatException
            )
        {
            problems.Add(
                $"{path} cannot be read: {(e.InnerException ?? e).Message} Correct it, or remove it."
            );
        }
    }

    private static IReadOnlyDictionary<string, string> EnvFile(string path, List<string> problems)
    {
        try
        {
            if (!File.Exists(path))
            {
                return new Dictionary<string, string>();
            }
            if (new FileInfo(path).Length > FileBytesMax)
            {
                problems.Add($"{path} is larger than 1 MiB. Keep settings only in it.");
                return new Dictionary<string, string>();
            }
            var text = EnvText.Read(File.ReadAllText(path));
            problems.AddRange(text.Problems);
            return text.Values;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problems.Add($"{path} cannot be read: {e.Message}");
            return new Dictionary<string, string>();
        }
    }
}
