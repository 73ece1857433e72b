import {
  ActionIcon,
  Button,
  createTheme,
  Menu,
  Modal,
  Popover,
  SegmentedControl,
  Select,
  Switch,
  Tabs,
  TextInput,
  Tooltip,
} from '@mantine/core';

/** Mantine's controls in our sizes. Colours come from tokens.css by way of base.css. */
export const theme = createTheme({
  fontFamily: 'var(--font)',
  fontFamilyMonospace: 'var(--mono)',
  // Mantine's greys of the dark scheme, brought in line with tokens.css.
  colors: {
    accent: ['#eaf0ff', '#d3dfff', '#a9c0ff', '#7ba6ff', '#5a8bfb', '#4a7df8', '#3565e6', '#2f63e8', '#2557d6', '#1c47b5'],
    dark: ['#e7eaef', '#c3c9d2', '#a5aebb', '#8590a0', '#39404c', '#252a33', '#1a1e25', '#13161b', '#0d0f13', '#08090c'],
  },
  primaryColor: 'accent',
  primaryShade: { light: 6, dark: 6 },
  defaultRadius: 'sm',
  radius: { sm: '6px', md: '10px' },
  fontSizes: { xs: '12px', sm: '13px', md: '13px', lg: '15px' },
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    ActionIcon: ActionIcon.extend({ defaultProps: { variant: 'subtle', color: 'gray', size: 28 } }),
    Button: Button.extend({ defaultProps: { size: 'xs', variant: 'default' } }),
    Menu: Menu.extend({ defaultProps: { shadow: 'md', transitionProps: { duration: 80 } } }),
    Modal: Modal.extend({ defaultProps: { transitionProps: { duration: 100 }, overlayProps: { backgroundOpacity: 0.45 } } }),
    Popover: Popover.extend({ defaultProps: { shadow: 'md', transitionProps: { duration: 80 } } }),
    SegmentedControl: SegmentedControl.extend({ defaultProps: { size: 'xs' } }),
    Select: Select.extend({ defaultProps: { size: 'xs', allowDeselect: false } }),
    Switch: Switch.extend({ defaultProps: { size: 'xs' } }),
    Tabs: Tabs.extend({ defaultProps: { variant: 'default' } }),
    TextInput: TextInput.extend({ defaultProps: { size: 'xs' } }),
    Tooltip: Tooltip.extend({
      defaultProps: { openDelay: 250, withArrow: false, transitionProps: { duration: 80 }, maw: 360, multiline: true },
    }),
  },
});
