using Orchestrator.Decisions.Policy;
using Xunit;

namespace Orchestrator.UnitTests.Policy;

/// <summary>A pattern says in whole words why it is none, which plain ones it stands for, and which others it surely covers.</summary>
public sealed class PathGlobSayingsTests
{
    [Theory]
    [InlineData("", "has 0 characters; 1 to 400 are taken")]
    [InlineData(
        "!a",
        "begins with '!'; patterns are not turned round: use the list of what is denied"
    )]
    [InlineData(
        "/a",
        "is absolute; patterns begin at the repository's root, without '/' or a drive"
    )]
    [InlineData(
        "\\a",
        "is absolute; patterns begin at the repository's root, without '/' or a drive"
    )]
    [InlineData(
        "C:/a",
        "is absolute; patterns begin at the repository's root, without '/' or a drive"
    )]
    [InlineData("a\\b", "holds '\\'; folders are separated by '/'")]
    [InlineData("a[b", "holds '['; sets of characters are not known: use ? for one character")]
    [InlineData("a]b", "holds ']'; sets of characters are not known: use ? for one character")]
    [InlineData("a/b:c", "holds ':'; no path holds it")]
    [InlineData("a<", "holds '<'; no path holds it")]
    [InlineData("a>", "holds '>'; no path holds it")]
    [InlineData("a\"", "holds '\"'; no path holds it")]
    [InlineData("a|", "holds '|'; no path holds it")]
    [InlineData("a\tb", "holds a control character")]
    [InlineData("{a", "has a '{' or '}' without the other")]
    [InlineData("a}", "has a '{' or '}' without the other")]
    [InlineData("}a{", "has a '{' or '}' without the other")]
    [InlineData("{a,{b,c}}", "has braces in braces; write them out")]
    [InlineData(
        "{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}",
        "stands for more than 64 patterns; write a wider one"
    )]
    [InlineData("a//b", "has two '/' beside each other")]
    [InlineData("a/./b", "holds '.', which no path keeps: paths are resolved first")]
    [InlineData("a/../b", "holds '..', which no path keeps: paths are resolved first")]
    [InlineData("a**", "has '**' beside other characters; it stands alone between two '/'")]
    [InlineData("a/b.", "has a part that ends with a dot or a blank, which no path keeps")]
    [InlineData("a /b", "has a part that ends with a dot or a blank, which no path keeps")]
    [InlineData("{a,b.}", "has a part that ends with a dot or a blank, which no path keeps")]
    public void A_malformed_pattern_says_why_in_whole_words(string pattern, string problem)
    {
        Assert.Null(PathGlob.Read(pattern, out var said));
        Assert.Equal(problem, said);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(399, true)]
    [InlineData(400, true)]
    [InlineData(401, false)]
    public void A_pattern_has_at_most_400_characters(int length, bool taken)
    {
        var made = PathGlob.Read(new string('a', length), out var problem);

        Assert.Equal(taken, made is not null);
        Assert.Equal(taken ? "" : $"has {length} characters; 1 to 400 are taken", problem);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(63, true)]
    [InlineData(64, true)]
    [InlineData(65, false)]
    public void A_pattern_stands_for_at_most_64(int ways, bool taken)
    {
        var choices = string.Join(',', Enumerable.Range(10, ways));
        var made = PathGlob.Read($"{{{choices}}}", out var problem);

        Assert.Equal(taken, made is not null);
        Assert.Equal(ways, taken ? made!.Plain.Count : ways);
        Assert.Equal(taken ? "" : "stands for more than 64 patterns; write a wider one", problem);
    }

    [Theory]
    [InlineData("a", "a")]
    [InlineData("docs/", "docs/**")]
    [InlineData("docs/**", "docs/**")]
    [InlineData("**/**", "**")]
    [InlineData("a/**/**/**/b", "a/**/b")]
    [InlineData("{b,a}/", "a/** b/**")]
    [InlineData("{a,b}{c,d}", "ac ad bc bd")]
    [InlineData("a{,b}c", "abc ac")]
    public void A_pattern_stands_for_plain_ones(string pattern, string plain)
    {
        var made = PathGlob.Read(pattern, out _)!;

        Assert.Equal(pattern, made.Text);
        Assert.Equal(plain, string.Join(' ', made.Plain.Order(StringComparer.Ordinal)));
    }

    [Theory]
    [InlineData("**", "a", true)]
    [InlineData("**", "**/*.cs", true)]
    [InlineData("**", "{a,b}/**", true)]
    [InlineData("a", "a", true)]
    [InlineData("A", "a", true)]
    [InlineData("a", "b", false)]
    [InlineData("a/**", "a", true)]
    [InlineData("a/**", "a/b/c", true)]
    [InlineData("a/**", "a/*", true)]
    [InlineData("a/**", "a/b/**", true)]
    [InlineData("a/**", "a/", true)]
    [InlineData("a/", "a/**", true)]
    [InlineData("a/**", "ab/c", false)]
    [InlineData("a/**", "b/a/c", false)]
    [InlineData("a/**", "*/c", false)]
    [InlineData("a/**", "**", false)]
    [InlineData("a/b/**", "a/**", false)]
    [InlineData("a/*", "a/b", true)]
    [InlineData("a/*", "a/*", true)]
    [InlineData("a/*", "a/b/c", false)]
    [InlineData("**/*.md", "docs/a.md", true)]
    [InlineData("**/*.md", "docs/a.txt", false)]
    [InlineData("**/*.md", "**/*.md", true)]
    // each of the other's must be covered, by any of its own
    [InlineData("a/**", "{a/x,a/y}", true)]
    [InlineData("a/**", "{a/x,b/x}", false)]
    [InlineData("a/**", "{b/x,a/x}", false)]
    [InlineData("{a,b}/**", "{a/x,b/y}", true)]
    [InlineData("{a,b}/**", "b/y", true)]
    [InlineData("{a,b}/**", "{a/x,c/x}", false)]
    public void A_pattern_covers_what_it_surely_matches_all_of(
        string wide,
        string narrow,
        bool covers
    ) => Assert.Equal(covers, PathGlob.Read(wide, out _)!.Covers(PathGlob.Read(narrow, out _)!));

    [Theory]
    [InlineData("a/b", "", true)]
    [InlineData("a/b", "a", true)]
    [InlineData("a/b", "a/b", true)]
    [InlineData("a/b", "a/c", false)]
    [InlineData("a/b", "a/b/c", false)]
    [InlineData("a/**/b", "a", true)]
    [InlineData("a/**/b", "a/x/y", true)]
    [InlineData("a/**", "a", true)]
    [InlineData("a/**", "b", false)]
    [InlineData("{a,b}/c", "b", true)]
    [InlineData("?/c", "ab", false)]
    public void A_folder_is_of_a_pattern_or_may_hold_something_of_it(
        string pattern,
        string folder,
        bool may
    ) => Assert.Equal(may, PathGlob.Read(pattern, out _)!.MayHold(folder));
}
