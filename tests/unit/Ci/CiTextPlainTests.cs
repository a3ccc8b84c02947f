using Orchestrator.Decisions.Ci;
using Xunit;

namespace Orchestrator.UnitTests.Ci;

/// <summary>Characters that act are written as their number, and nothing else of a text is changed.</summary>
public sealed class CiTextPlainTests
{
    private const int CharactersMax = 2_000;

    [Theory]
    [InlineData("", "")]
    [InlineData("Größe 1: [a](b), 100% 😀", "Größe 1: [a](b), 100% 😀")]
    [InlineData("a\nb", @"a\u{A}b")]
    [InlineData("a\r\nb", @"a\u{D}\u{A}b")]
    [InlineData("\u001b[31m", @"\u{1B}[31m")]
    [InlineData("\u0085", @"\u{85}")]
    [InlineData("\u200b", @"\u{200B}")]
    [InlineData("\u202e", @"\u{202E}")]
    [InlineData("\u2028", @"\u{2028}")]
    [InlineData("\u2029", @"\u{2029}")]
    [InlineData("\ue000", @"\u{E000}")]
    [InlineData("\U000E0001", @"\u{E0001}")]
    [InlineData("#", "#")]
    [InlineData("a # b", "a # b")]
    [InlineData("##[group]", "# #[group]")]
    [InlineData("a##vso[x]", "a# #vso[x]")]
    [InlineData("###", "# # #")]
    [InlineData("#\n#", @"#\u{A}#")]
    public void A_plain_text_orders_nothing(string text, string plain) =>
        Assert.Equal(plain, CiText.Plain(text));

    [Theory]
    [InlineData(CharactersMax - 1)]
    [InlineData(CharactersMax)]
    public void A_text_of_the_greatest_length_stays_whole(int length)
    {
        var text = new string('a', length);

        Assert.Equal(text, CiText.Plain(text));
    }

    [Theory]
    [InlineData(CharactersMax + 1)]
    [InlineData(CharactersMax * 2)]
    public void A_longer_text_ends_with_a_mark(int length)
    {
        var plain = CiText.Plain(new string('a', length));

        Assert.StartsWith(new string('a', CharactersMax - 1), plain, StringComparison.Ordinal);
        Assert.EndsWith("…", plain, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("Größe 12", "Größe 12")]
    [InlineData("a|b", "a&#124;b")]
    [InlineData("`a_b`", "&#96;a&#95;b&#96;")]
    [InlineData("<b>", "&#60;b&#62;")]
    [InlineData("a&b", "a&#38;b")]
    [InlineData("😀", "&#128512;")]
    [InlineData("a\nb", "a&#92;u&#123;A&#125;b")]
    public void In_Markdown_all_but_letters_digits_and_blanks_are_references(
        string text,
        string markdown
    ) => Assert.Equal(markdown, CiText.Markdown(text));
}
