import { ActionIcon, type ActionIconProps, Button, type ButtonProps } from '@mantine/core';
import { createLink } from '@tanstack/react-router';
import type { AnchorHTMLAttributes, Ref } from 'react';

type Anchor<Own> = Own &
  Omit<AnchorHTMLAttributes<HTMLAnchorElement>, keyof Own> & { readonly ref?: Ref<HTMLAnchorElement> };

const AnchorButton = (props: Anchor<ButtonProps>) => <Button component="a" {...props} />;
const AnchorIcon = (props: Anchor<ActionIconProps>) => <ActionIcon component="a" {...props} />;

/** A link to a page that looks like a button. */
export const ButtonLink = createLink(AnchorButton);

/** The same with an icon only; needs an `aria-label`. */
export const IconLink = createLink(AnchorIcon);
