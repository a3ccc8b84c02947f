using System.Collections;
using System.Collections.Frozen;
using System.Globalization;
using System.Resources;

// The server runs without cultures (InvariantGlobalization): a language is a resource's name, never a CultureInfo.
[assembly: NeutralResourcesLanguage("")]

namespace Orchestrator.Decisions.Telegram;

/// <summary>The fixed texts by language: <c>Words/en.resx</c> and what lies beside it; <c>{0}</c> is what is put in.</summary>
public static class ChatWords
{
    /// <summary>What is spoken where nothing else is.</summary>
    public const string English = "en";

    private const string Prefix = "telegram.";
    private const string Suffix = ".resources";

    private static readonly FrozenDictionary<string, FrozenDictionary<string, string>> ByLanguage =
        ReadAll();

    /// <summary>The languages there are, two letters each, in order.</summary>
    public static IReadOnlyList<string> Languages { get; } =
    [.. ByLanguage.Keys.Order(StringComparer.Ordinal)];

    /// <summary>True when there are texts in it.</summary>
    public static bool Speaks(string language) => ByLanguage.ContainsKey(language);

    /// <summary>The keys and texts of a language; one that is not there is English.</summary>
    public static IReadOnlyDictionary<string, string> Of(string language) =>
        ByLanguage.GetValueOrDefault(language) ?? ByLanguage[English];

    /// <summary>A text, with what is put in cut to 1,000 characters each and unable to be a command.</summary>
    /// <param name="language">Two letters; one that is not there is English.</param>
    /// <param name="key">Known to <c>en.resx</c>.</param>
    /// <param name="values">What is put in; foreign words.</param>
    public static string Say(string language, string key, params ReadOnlySpan<object> values)
    {
        ArgumentNullException.ThrowIfNull(language);
        ArgumentNullException.ThrowIfNull(key);
        var put = new object[values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            put[i] = values[i] is string foreign
                ? ChatSplitter.Foreign(ChatSplitter.Cut(foreign, 1_000))
                : values[i];
        }
        return string.Format(CultureInfo.InvariantCulture, Of(language)[key], put);
    }

    private static FrozenDictionary<string, FrozenDictionary<string, string>> ReadAll() =>
        typeof(ChatWords)
            .Assembly.GetManifestResourceNames()
            .Where(n =>
                n.StartsWith(Prefix, StringComparison.Ordinal)
                && n.EndsWith(Suffix, StringComparison.Ordinal)
            )
            .ToFrozenDictionary(
                n => n[Prefix.Length..^Suffix.Length],
                n => Read(n[..^Suffix.Length])
            );

    private static FrozenDictionary<string, string> Read(string name) =>
        new ResourceManager(name, typeof(ChatWords).Assembly)
            .GetResourceSet(
                CultureInfo.InvariantCulture,
                createIfNotExists: true,
                tryParents: false
            )!
            .Cast<DictionaryEntry>()
            .ToFrozenDictionary(e => (string)e.Key, e => (string)e.Value!);
}
