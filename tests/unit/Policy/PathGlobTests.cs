using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using CsCheck;
using Orchestrator.Decisions.Policy;
using Xunit;

namespace Orchestrator.UnitTests.Policy;

public sealed class PathGlobTests
{
    [Theory]
    [InlineData("**", "a", true)]
    [InlineData("**", "a/b/c", true)]
    [InlineData("*", "a", true)]
    [InlineData("*", "a/b", false)]
    [InlineData("docs/**", "docs", true)]
    [InlineData("docs/**", "docs/a/b", true)]
    [InlineData("docs/", "docs/a/b", true)]
    [InlineData("docs/**", "docsx/a", false)]
    [InlineData("docs/**", "a/docs/b", false)]
    [InlineData("docs/*", "docs/a", true)]
    [InlineData("docs/*", "docs/a/b", false)]
    [InlineData("**/a.cs", "a.cs", true)]
    [InlineData("**/a.cs", "x/y/a.cs", true)]
    [InlineData("**/a.cs", "x/ba.cs", false)]
    [InlineData("**/*.cs", "x/b.cs", true)]
    [InlineData("**/*.cs", "x.cs/b", false)]
    [InlineData("src/**/test/*.py", "src/test/a.py", true)]
    [InlineData("src/**/test/*.py", "src/a/b/test/a.py", true)]
    [InlineData("src/**/test/*.py", "src/a/test/b/a.py", false)]
    [InlineData("**/a/**", "a", true)]
    [InlineData("**/a/**", "x/a", true)]
    [InlineData("**/a/**", "x/a/y", true)]
    [InlineData("**/a/**", "x/ab/y", false)]
    [InlineData("a?c", "abc", true)]
    [InlineData("a?c", "ac", false)]
    [InlineData("a?c", "a/c", false)]
    [InlineData("a?c", "aéc", true)]
    [InlineData("a?c", "ae\u0301c", true)]
    [InlineData("a?c", "a한c", true)]
    [InlineData("a?c", "a😀c", true)]
    [InlineData("{a,b}/{c,d}.x", "b/c.x", true)]
    [InlineData("{a,b}/{c,d}.x", "a/e.x", false)]
    [InlineData("a{,b}", "a", true)]
    [InlineData("a{,b}", "ab", true)]
    [InlineData("Readme.MD", "README.md", true)]
    [InlineData("größe/*", "GRÖSSE/a", true)]
    [InlineData("STRASSE", "straße", true)]
    [InlineData("office", "oﬃce", true)]
    [InlineData("größe/*", "gröse/a", false)]
    [InlineData("GRÖßE/*", "größe/a", true)]
    [InlineData("STRAẞE", "straße", true)]
    [InlineData("kelvin", "\u212Aelvin", true)]
    [InlineData("sharp", "\u017Fharp", true)]
    public void A_pattern_matches(string pattern, string path, bool matches) =>
        Assert.Equal(matches, Glob(pattern).Matches(RepositoryPath.Of(path).Key));

    [Theory]
    [InlineData("", "characters")]
    [InlineData("/a", "absolute")]
    [InlineData("C:/a", "absolute")]
    [InlineData("!a", "turned round")]
    [InlineData("a//b", "beside each other")]
    [InlineData("a/../b", "resolved")]
    [InlineData("./a", "resolved")]
    [InlineData("a\\b", "separated by '/'")]
    [InlineData("[ab]", "sets of characters")]
    [InlineData("a**", "stands alone")]
    [InlineData("a/b.", "dot or a blank")]
    [InlineData("a /b", "dot or a blank")]
    [InlineData("aa:b", "no path holds it")]
    [InlineData("{a", "without the other")]
    [InlineData("a}", "without the other")]
    [InlineData("{a,{b,c}}", "braces in braces")]
    [InlineData("{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}", "more than 64")]
    [InlineData("a\u0001", "control character")]
    public void A_malformed_pattern_says_why(string pattern, string problem)
    {
        Assert.Null(PathGlob.Read(pattern, out var said));
        Assert.Contains(problem, said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("docs/**/*.md", "docs", true)]
    [InlineData("docs/**/*.md", "docs/a/b", true)]
    [InlineData("docs/*/x", "docs/a", true)]
    [InlineData("docs/*/x", "docs/a/y", false)]
    [InlineData("docs/*/x", "src", false)]
    [InlineData("*.md", "docs", false)]
    public void A_folder_may_hold_a_match(string pattern, string folder, bool may) =>
        Assert.Equal(may, Glob(pattern).MayHold(folder));

    [Fact]
    public void It_agrees_with_a_regular_expression_on_random_patterns_and_paths() =>
        Gen.Select(Gen.Char["ab*?/"].Array[1, 9], Gen.Char["ab/"].Array[1, 12])
            .Sample(
                (p, t) =>
                {
                    var pattern = new string(p);
                    var path = RepositoryPath.Of(new string(t)).Key;
                    if (path.Length == 0 || PathGlob.Read(pattern, out _) is not { } glob)
                    {
                        return;
                    }
                    Assert.True(
                        Regex.IsMatch(path, Expression(pattern)) == glob.Matches(path),
                        $"{pattern} on {path}"
                    );
                },
                iter: 30_000
            );

    [Theory]
    [InlineData("**/a/**/a/**/a/**/a/**/a/**/a/**/a/**/a/**/b")]
    [InlineData("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b/x")]
    public void No_pattern_blows_up(string pattern)
    {
        var glob = Glob(pattern);
        var path = string.Join('/', Enumerable.Repeat("a", 2_000)) + new string('a', 2_000);
        var started = Stopwatch.GetTimestamp();

        Assert.False(glob.Matches(path));
        // Ways that try all splits take years.
        Assert.InRange(Stopwatch.GetElapsedTime(started).TotalSeconds, 0, 10);
    }

    [Theory]
    [InlineData("\u00E9", "e\u0301")]
    [InlineData("\u1E69", "s\u0307\u0323")]
    [InlineData("\u1E69", "s\u0323\u0307")]
    [InlineData("\u212B", "\u00E5")]
    [InlineData("\uAC01", "\u1100\u1161\u11A8")]
    [InlineData("\uAC00\u11A8", "\uAC01")]
    [InlineData("\u0390", "\u03B9\u0308\u0301")]
    [InlineData("a\u200Db", "ab")]
    [InlineData("É", "e\u0301")]
    public void Two_forms_of_a_text_are_one(string one, string other) =>
        Assert.Equal(CanonicalForm.Fold(one), CanonicalForm.Fold(other));

    [Fact]
    public void Folding_twice_is_folding_once() =>
        Gen.String[0, 20]
            .Sample(
                text =>
                    Assert.Equal(
                        CanonicalForm.Fold(text),
                        CanonicalForm.Fold(CanonicalForm.Fold(text))
                    ),
                iter: 20_000
            );

    private static PathGlob Glob(string pattern)
    {
        var glob = PathGlob.Read(pattern, out var problem);
        Assert.Equal("", problem);
        return glob!;
    }

    private static string Expression(string pattern)
    {
        var text = new StringBuilder("^");
        var parts = (pattern.EndsWith('/') ? pattern + "**" : pattern).Split('/');
        parts = [.. parts.Where((p, i) => i == 0 || p != "**" || parts[i - 1] != "**")];
        for (var i = 0; i < parts.Length; i++)
        {
            var last = i == parts.Length - 1;
            if (parts[i] == "**")
            {
                // The '/' before belongs to it: "a/**" is "a" too.
                text.Append(
                    i == 0 && last ? ".*"
                    : i == 0 ? "([^/]+/)*"
                    : last ? "(/[^/]+)*"
                    : "(/[^/]+)*/"
                );
                continue;
            }
            if (i > 0 && parts[i - 1] != "**")
            {
                text.Append('/');
            }
            text.Append(
                Regex
                    .Escape(parts[i])
                    .Replace("\\*", "[^/]*", StringComparison.Ordinal)
                    .Replace("\\?", "[^/]", StringComparison.Ordinal)
            );
        }
        return text.Append('$').ToString();
    }
}
