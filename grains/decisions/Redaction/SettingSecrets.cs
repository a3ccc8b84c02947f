namespace Orchestrator.Decisions.Redaction;

/// <summary>Which settings hold secrets, by their names, and how a setting may be shown to somebody else.</summary>
public static class SettingSecrets
{
    /// <summary>What stands for a secret that is set.</summary>
    public const string Set = "(set)";

    private const int ShownMax = 500;

    private static readonly string[] Words =
    [
        "token",
        "secret",
        "password",
        "passwd",
        "credential",
        "connectionstring",
        "apikey",
        "api_key",
        "_key",
        ":key",
        "auth",
        "cookie",
        "script",
    ];

    /// <summary>True when the value must not be shown: by a word in its name, or as a variable of the agent.</summary>
    /// <param name="key">With <c>:</c> or <c>__</c> between its parts.</param>
    public static bool IsSecret(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        var plain = key.Replace("__", ":", StringComparison.Ordinal);
        return plain.Contains(":Environment:", StringComparison.OrdinalIgnoreCase)
            || Words.Any(w => plain.Contains(w, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>The value as it may be shown. Of an address only scheme and host: some addresses are secrets.</summary>
    public static string Shown(string key, string value)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(value);
        return value.Length == 0 ? ""
            : IsSecret(key) ? Set
            : value.Contains("://", StringComparison.Ordinal) ? Address(value)
            : value.Length > ShownMax ? value[..ShownMax] + "…"
            : value;
    }

    private static string Address(string value) =>
        string.Join(
            ';',
            value
                .Split(';')
                .Select(v =>
                    Uri.TryCreate(v, UriKind.Absolute, out var uri)
                        ? $"{uri.Scheme}://{uri.Authority[(uri.Authority.LastIndexOf('@') + 1)..]}/{(uri.PathAndQuery.Length > 1 ? "…" : "")}"
                        : Set
                )
        );
}
