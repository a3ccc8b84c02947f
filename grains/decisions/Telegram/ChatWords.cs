using System.Collections.Frozen;
using System.Globalization;

namespace Orchestrator.Decisions.Telegram;

/// <summary>The fixed texts by language: <c>Words/en.txt</c> and what lies beside it, one <c>key = text</c> a line, <c>\n</c> for a new line, <c>{0}</c> for what is put in.</summary>
public static class ChatWords
{
    /// <summary>What is spoken where nothing else is.</summary>
    public const string English = "en";

    private const string Folder = "telegram/";

    private static readonly FrozenDictionary<string, FrozenDictionary<string, string>> ByLanguage =
        ReadAll();

    /// <summary>The languages there are.</summary>
    public static IReadOnlyCollection<string> Languages => ByLanguage.Keys;

    /// <summary>The keys and texts of a language.</summary>
    public static IReadOnlyDictionary<string, string> Of(string language) =>
        ByLanguage.GetValueOrDefault(language) ?? ByLanguage[English];

    /// <summary>A text, with what is put in cut to 1,000 characters each and unable to be a command.</summary>
    /// <param name="language">Two letters; one that is not there is English.</param>
    /// <param name="key">Known to <c>en.txt</c>.</param>
    /// <param name="values">What is put in; foreign words.</param>
    public static string Say(string language, string key, params ReadOnlySpan<object> values)
    {
        ArgumentNullException.ThrowIfNull(language);
        ArgumentNullException.ThrowIfNull(key);
        var text =
            ByLanguage.GetValueOrDefault(language)?.GetValueOrDefault(key)
            ?? ByLanguage[English][key];
        var put = new object[values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            put[i] = values[i] is string foreign
                ? ChatSplitter.Foreign(ChatSplitter.Cut(foreign, 1_000))
                : values[i];
        }
        return string.Format(CultureInfo.InvariantCulture, text, put);
    }

    private static FrozenDictionary<string, FrozenDictionary<string, string>> ReadAll()
    {
        var here = typeof(ChatWords).Assembly;
        return here.GetManifestResourceNames()
            .Where(n => n.StartsWith(Folder, StringComparison.Ordinal))
            .ToFrozenDictionary(
                n => n[Folder.Length..n.LastIndexOf('.')],
                n =>
                {
                    using var reader = new StreamReader(here.GetManifestResourceStream(n)!);
                    return Read(reader.ReadToEnd());
                }
            );
    }

    private static FrozenDictionary<string, string> Read(string file) =>
        file.Split('\n')
            .Where(l => l.Length > 0 && l[0] != '#')
            .Select(l => l.Split(" = ", 2))
            .ToFrozenDictionary(
                l => l[0].Trim(),
                l => l[1].Trim().Replace("\\n", "\n", StringComparison.Ordinal)
            );
}
